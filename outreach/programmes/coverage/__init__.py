"""覆盖率: the goals of an organisation, and services that another system recorded."""
