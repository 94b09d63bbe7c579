"""Answers to questions: from the database to rows, and from rows to text. Nothing is asked for."""
