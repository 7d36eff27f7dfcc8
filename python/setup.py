"""Says that the package holds a compiled module; everything else is in pyproject.toml."""
from setuptools import Distribution, setup


class BinaryDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return True


setup(distclass=BinaryDistribution)
