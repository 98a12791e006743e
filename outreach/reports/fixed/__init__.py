"""定稿: numbered snapshots of a report, whose figures never move again."""
