"""Rules of reports that know neither database nor HTTP."""
