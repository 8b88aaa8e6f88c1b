"""Every English text of the report and its pictures in Chinese, with the same `{names}`."""
