"""Days on which a person is away, and who stands in: messages go to the deputy, who has the roles for as long."""
