# oracle.py with the models of Keras 2.15, as whole HDF5 files.
import logging
import warnings

import oracle

# Keras 2 says of every model that HDF5 is its older form, and that a model that was never trained has no metrics.
warnings.simplefilter("ignore")
logging.getLogger("tensorflow").setLevel(logging.ERROR)
oracle.main(".h5")
