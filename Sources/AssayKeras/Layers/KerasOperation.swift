// Functions in a graph that are no layers: `keras.ops` nodes of Keras 3 and `tf.…` nodes of Keras 2.

/// A function in the graph. It has a name and calls like a layer, and no weights.
protocol KerasOperation: KerasLayer {}
