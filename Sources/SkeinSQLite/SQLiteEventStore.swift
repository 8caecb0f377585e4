import Skein
