"""Trains the TensorFlow digits model of the tests and converts it: `python train_tensorflow.py`.

Run by hand, where TensorFlow 2.21 and scikit-learn are installed; what it writes is kept beside it,
so that the tests can compare LiteRT's labels with TensorFlow's own.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

_HERE = Path(__file__).parent


def main() -> None:
    """Write digits_tensorflow.tflite and digits_tensorflow.json."""
    keras.utils.set_random_seed(0)
    images, labels = load_digits(return_X_y=True)
    held_out = np.arange(len(labels)) % 4 == 0
    pixels = (images / 16).astype(np.float32).reshape(-1, 8, 8, 1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10, activation="softmax", name="probabilities"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    model.fit(pixels[~held_out], labels[~held_out], batch_size=64, epochs=60, verbose=0)
    found = model.predict(pixels[held_out], verbose=0).argmax(1)
    converted = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    (_HERE / "digits_tensorflow.tflite").write_bytes(converted)
    accuracy = float((found == labels[held_out]).mean())
    about = {"accuracy": round(accuracy, 4), "labels": found.tolist()}
    (_HERE / "digits_tensorflow.json").write_text(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
