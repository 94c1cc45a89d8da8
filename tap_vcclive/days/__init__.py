"""What is read by the local day: which days have been read, and which are read again."""
