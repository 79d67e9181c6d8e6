"""The registered data sets: every module of this folder is imported, and registers those that it defines."""
