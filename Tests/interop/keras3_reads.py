# Keras 3 loads what Assay writes of its models, and computes what was recorded.
import sys

from keras.models import load_model
from shared import converted

sys.exit(1 if converted.run(*sys.argv[1:3], 3, load_model) else 0)
