"""评估: the scorecard of programmes, and what third-party evaluators read of it under pseudonyms."""
