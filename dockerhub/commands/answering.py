"""Kept for a moment: see `dockerhub.answer_command`."""

from dockerhub.answer_command import AnswerCommand

__all__ = ["AnswerCommand"]
