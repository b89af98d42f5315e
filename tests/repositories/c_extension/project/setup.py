from setuptools import Extension, setup

setup(
    packages=["runs"],
    ext_modules=[Extension("runs._count", sources=["runs/_count.c"], depends=["runs/_count.h"])],
)
