"""Conan 2: `conan create packaging/conan -s compiler.cppstd=20` packs the sources that this recipe lies in."""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir


class Rejoin(ConanFile):
    name = "rejoin"
    description = "CRDT merge engine for SQLite"
    license = "MIT"
    topics = ("crdt", "sqlite", "sync")
    package_type = "static-library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"tool": [True, False], "exceptions": [True, False]}
    default_options = {"tool": False, "exceptions": True}

    def _top(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        project = load(self, os.path.join(self._top(), "CMakeLists.txt"))
        self.version = re.search(r"^project\(rejoin VERSION (\S+)", project, re.MULTILINE).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, self._top(), self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def requirements(self):
        self.requires("sqlite3/[>=3.38]", transitive_headers=True)
        self.requires("xxhash/[>=0.8]", visible=False)
        if self.options.tool:
            self.requires("zstd/[>=1.5]", visible=False)
            self.requires("boost/[>=1.74]", visible=False)
            self.requires("openssl/[>=3]", visible=False)
            self.requires("cli11/[>=2.1]", visible=False)
            self.requires("nlohmann_json/[>=3.9]", visible=False)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["REJOIN_BUILD_TOOL"] = bool(self.options.tool)
        toolchain.cache_variables["REJOIN_NO_EXCEPTIONS"] = not self.options.exceptions
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for folder in ("cmake", "pkgconfig"):
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.libs = ["rejoin"]
