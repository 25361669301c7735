"""RGB spaces given by their primaries: matrices to and from CIE XYZ, in plain Python.

A function that renders starts without numpy, and these are nine numbers each.
"""

from collections.abc import Sequence

# x and y of white, red, green and blue (CIE 1931).
Chromaticities = tuple[float, float, float, float, float, float, float, float]
Vector = Sequence[float]
Matrix = Sequence[Vector]

_D65 = (0.3127, 0.3290)
# ITU-T H.273 (07/2024) table 2: what each code point of colour primaries stands for.
PRIMARIES: dict[int, Chromaticities] = {
    1: (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
SRGB, BT2020 = PRIMARIES[1], PRIMARIES[9]
# ICC.1:2022 §7.2.16: the illuminant of the connection space.
D50 = (0.9642, 1.0, 0.8249)
# ICC.1:2022 annex E: the Bradford cone responses.
_CONES = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def multiply(left: Matrix, right: Matrix) -> Matrix:
    """Return the product of two matrices."""
    columns = list(zip(*right, strict=True))
    return [[sum(map(float.__mul__, row, column)) for column in columns] for row in left]


def apply_matrix(matrix: Matrix, vector: Vector) -> Vector:
    """Return a matrix times a column of three."""
    x, y, z = vector
    return [a * x + b * y + c * z for a, b, c in matrix]


def invert(matrix: Matrix) -> Matrix:
    """Return the inverse of a 3 × 3 matrix. Raises `ZeroDivisionError` where there is none."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return [[value / determinant for value in row] for row in adjugate]


def build_connection_matrix(chromaticities: Chromaticities) -> Matrix:
    """Return the matrix from linear RGB to XYZ under D50, adapted by Bradford's method.

    The way of ICC.1:2022 annex E. Raises `ZeroDivisionError` for primaries that span no space.
    """
    white_x, white_y, *rest = chromaticities
    white = (white_x / white_y, 1.0, (1 - white_x - white_y) / white_y)
    points = list(zip(rest[::2], rest[1::2], strict=True))
    primaries = [[x for x, _ in points], [y for _, y in points], [1 - x - y for x, y in points]]
    unadapted = multiply(primaries, _make_diagonal(apply_matrix(invert(primaries), white)))
    seen, meant = apply_matrix(_CONES, white), apply_matrix(_CONES, D50)
    gains = _make_diagonal([to / of for of, to in zip(seen, meant, strict=True)])
    return multiply(invert(_CONES), multiply(gains, multiply(_CONES, unadapted)))


def build_primaries_matrix(source: Chromaticities, target: Chromaticities) -> Matrix:
    """Return the matrix from linear RGB of one space to that of another, white to white."""
    return multiply(invert(build_connection_matrix(target)), build_connection_matrix(source))


def _make_diagonal(values: Vector) -> Matrix:
    x, y, z = values
    return [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]]
