"""A person's own pictures: uploaded, drawn or taken with the camera. For every page that looks at images."""

from cnnviz.ui.pictures.own import OwnPicture, OwnPictures, choose, leave, own

__all__ = ["OwnPicture", "OwnPictures", "choose", "leave", "own"]
