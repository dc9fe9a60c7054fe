"""German and English: which of them a reader wants, and how texts, codes, times and numbers are said in it."""
