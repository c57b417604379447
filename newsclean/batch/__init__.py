"""Whole collections: many files, tables and web archives, cleaned by many workers, stopped and taken up again."""
