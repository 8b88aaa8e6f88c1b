"""From a trained run and a list to a judgement."""
