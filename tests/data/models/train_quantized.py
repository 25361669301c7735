"""Trains the full-integer LiteRT models of the tests: `python train_quantized.py`.

Run by hand, where TensorFlow 2.21 and scikit-learn are installed; what it writes is kept beside it,
so that the tests can compare labels with TensorFlow's own. One network is made for pixels from 0 to
1, one for pixels as they are, and one for pixels from -1 to 1.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

_HERE = Path(__file__).parent
_NAMES = {
    "unit_int8": (1 / 255, 0.0, tf.int8),
    "unit_uint8": (1 / 255, 0.0, tf.uint8),
    "pixels_int8": (1.0, 0.0, tf.int8),
    "centred_int8": (2 / 255, -1.0, tf.int8),
}


def main() -> None:
    """Write digits_NAME.tflite for each of the names, and digits_quantized.json."""
    images, labels = load_digits(return_X_y=True)
    held_out = np.arange(len(labels)) % 16 == 0
    greys = np.rint(images * 255 / 16).reshape(-1, 8, 8, 1)
    about = {"rows": greys[held_out].astype(int).reshape(-1, 64).tolist()}
    for name, (scale, shift, kind) in _NAMES.items():
        pixels = (greys * scale + shift).astype(np.float32)
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1), name="image"),
                keras.layers.Rescaling(1 / (255 * scale), -shift / (255 * scale)),
                keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
                keras.layers.MaxPooling2D(),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax", name="probabilities"),
            ]
        )
        model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        model.fit(pixels[~held_out], labels[~held_out], batch_size=64, epochs=15, verbose=0)

        def examples(rows: np.ndarray = pixels) -> Iterator[list[np.ndarray]]:
            for row in rows[:200]:
                yield [row[None]]

        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = kind
        (_HERE / f"digits_{name}.tflite").write_bytes(converter.convert())
        about[name] = model.predict(pixels[held_out], verbose=0).argmax(1).tolist()
    (_HERE / "digits_quantized.json").write_text(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
