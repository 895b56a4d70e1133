"""The two models of the samples, written so that Keras 2 and Keras 3 build them alike."""

import keras
from keras import layers
from tasks import LENGTH, VOCABULARY


def classifier():
    """Embedding with mask, LSTM, self-attention with a residual, LayerNormalization, pooling, softmax."""
    tokens = keras.Input((LENGTH,), dtype="int32", name="tokens")
    x = layers.Embedding(VOCABULARY, 32, mask_zero=True, name="embedding")(tokens)
    x = layers.LSTM(32, return_sequences=True, name="lstm")(x)
    attended = layers.MultiHeadAttention(num_heads=4, key_dim=8, name="attention")(x, x)
    x = layers.Add(name="residual")([x, attended])
    x = layers.LayerNormalization(name="norm")(x)
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    return keras.Model(tokens, layers.Dense(3, activation="softmax", name="sentiment")(x), name="classifier")


def encoder(width=48, heads=4, blocks=2):
    """A Transformer encoder that normalises before each sublayer, with learnt positions."""
    tokens = keras.Input((LENGTH,), dtype="int32", name="tokens")
    positions = keras.Input((LENGTH,), dtype="int32", name="positions")
    x = layers.Add(name="embeddings")([
        layers.Embedding(VOCABULARY, width, name="token_embedding")(tokens),
        layers.Embedding(LENGTH, width, name="position_embedding")(positions),
    ])
    for block in range(blocks):
        name = f"block_{block}"
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_attention_norm")(x)
        y = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_attention")(y, y)
        x = layers.Add(name=f"{name}_attention_residual")([x, y])
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_feedforward_norm")(x)
        y = layers.Dense(2 * width, activation="gelu", name=f"{name}_feedforward_expand")(y)
        y = layers.Dense(width, name=f"{name}_feedforward_reduce")(y)
        x = layers.Add(name=f"{name}_feedforward_residual")([x, y])
    x = layers.LayerNormalization(epsilon=1e-6, name="final_norm")(x)
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    outputs = layers.Dense(2, activation="softmax", name="order")(x)
    return keras.Model([tokens, positions], outputs, name="encoder")
