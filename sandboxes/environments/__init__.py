"""Images with the packages that a project needs: made once with network, used without."""
