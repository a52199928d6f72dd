"""Whether everything that was due was done, and how the installation is doing."""
