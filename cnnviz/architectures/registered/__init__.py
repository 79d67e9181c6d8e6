"""The named architectures: every module of this folder is imported, and registers those that it defines."""
