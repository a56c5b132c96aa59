"""Builds the program of examples/find_package over the package and runs it."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class RejoinTest(ConanFile):
    settings = "os", "compiler", "build_type", "arch"
    generators = "CMakeDeps", "CMakeToolchain"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        examples = os.path.join(self.recipe_folder, "..", "..", "..", "examples")
        cmake = CMake(self)
        cmake.configure(build_script_folder=os.path.join(examples, "find_package"))
        cmake.build()

    def test(self):
        if can_run(self):
            self.run(os.path.join(self.cpp.build.bindir, "list"), env="conanrun")
