"""Runs the Conan recipe where Conan is not: what it takes from the module `conan` is here, and does what Conan's does
over the libraries of this machine. The recipe exports its sources into a folder, builds them there, and packs them; the
recipe of the test package builds examples/find_package over what came of it.
    conan_recipe.py TOP SCRATCH VERSION C++-COMPILER LAUNCHER"""

import fnmatch
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import types

TOP, SCRATCH, VERSION, CXX, LAUNCHER = sys.argv[1:6]


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0 or "not used by the project" in done.stdout:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


class ConanFile:
    """A recipe's base: the folders and options that Conan would set."""

    def __init__(self):
        here = pathlib.Path(sys.modules[self.__module__].__file__).parent
        self.recipe_folder = str(here)
        self.options = types.SimpleNamespace(**getattr(self, "default_options", {}))
        self.required, self.variables = {}, {}
        self.cpp_info = types.SimpleNamespace()
        self.cpp = types.SimpleNamespace(build=types.SimpleNamespace())

    def requires(self, reference, **traits):
        name, version = reference.split("/")
        self.required[name] = version

    def run(self, command, env):
        self.output = run(command, cwd=self.build_folder)


class CMakeToolchain:
    def __init__(self, recipe):
        self.recipe, self.cache_variables = recipe, {}

    def generate(self):
        self.recipe.variables = self.cache_variables


class CMakeDeps:
    def __init__(self, recipe):
        self.recipe = recipe

    def generate(self):
        assert {"sqlite3", "xxhash"} <= set(self.recipe.required)


class CMake:
    def __init__(self, recipe):
        self.recipe = recipe

    def configure(self, build_script_folder=""):
        recipe = self.recipe
        variables = {**recipe.variables, **recipe.given, "CMAKE_CXX_COMPILER": CXX}
        variables["CMAKE_CXX_COMPILER_LAUNCHER"] = LAUNCHER
        words = [f"-D{name}={'ON' if value is True else 'OFF' if value is False else value}"
                 for name, value in variables.items()]
        source = os.path.join(recipe.source_folder, build_script_folder)
        run("cmake", "-G", "Ninja", "-S", source, "-B", recipe.build_folder, *words)

    def build(self):
        run("cmake", "--build", self.recipe.build_folder)

    def install(self):
        run("cmake", "--install", self.recipe.build_folder, "--prefix", self.recipe.package_folder)


def cmake_layout(recipe):
    recipe.build_folder = recipe.cpp.build.bindir = os.path.join(recipe.base, "build")


def copy(recipe, pattern, src, dst):
    names = [str(path.relative_to(src)) for path in pathlib.Path(src).rglob("*")
             if path.is_file() and "build" not in path.relative_to(src).parts[0]]
    chosen = [name for name in names if fnmatch.fnmatch(name, pattern)]
    assert chosen, f"the recipe copies {pattern}, and there is none"
    for name in chosen:
        target = pathlib.Path(dst, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pathlib.Path(src, name), target)


def offer_conan():
    offered = {
        "conan": {"ConanFile": ConanFile},
        "conan.tools.build": {"check_min_cppstd": lambda recipe, standard: None, "can_run": lambda recipe: True},
        "conan.tools.cmake": {"CMake": CMake, "CMakeDeps": CMakeDeps, "CMakeToolchain": CMakeToolchain,
                              "cmake_layout": cmake_layout},
        "conan.tools.files": {"copy": copy, "load": lambda recipe, path: pathlib.Path(path).read_text(),
                              "rmdir": lambda recipe, path: shutil.rmtree(path)},
    }
    for name, content in offered.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(content)
    sys.modules["conan.tools"] = types.ModuleType("conan.tools")


def load_recipe(path, name):
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), os.path.join(TOP, path))
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)()


def create_package():
    recipe = load_recipe("packaging/conan/conanfile.py", "Rejoin")
    recipe.base = os.path.join(SCRATCH, "rejoin")
    recipe.source_folder = recipe.export_sources_folder = os.path.join(recipe.base, "sources")
    recipe.package_folder = os.path.join(recipe.base, "package")
    # One compiler call, not optimised: its time is the cost of this test.
    recipe.given = {"CMAKE_BUILD_TYPE": "None", "CMAKE_CXX_FLAGS": "-O0", "CMAKE_UNITY_BUILD": True,
                    "CMAKE_UNITY_BUILD_BATCH_SIZE": 0}
    for step in ("set_version", "export_sources", "layout", "validate", "requirements", "generate", "build", "package",
                 "package_info"):
        getattr(recipe, step)()
    assert recipe.version == VERSION, recipe.version
    package = pathlib.Path(recipe.package_folder)
    files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert {"include/rejoin/rejoin.h", "lib/librejoin.a", "licenses/LICENSE"} <= files, files
    assert all(name.startswith(("include/", "lib/", "licenses/")) for name in files), files
    assert not any(name.endswith((".cmake", ".pc")) for name in files), files
    return recipe


def use_package(package):
    recipe = load_recipe("packaging/conan/test_package/conanfile.py", "RejoinTest")
    recipe.base = os.path.join(SCRATCH, "test")
    recipe.source_folder = recipe.recipe_folder
    recipe.tested_reference_str = f"{package.name}/{package.version}"
    # CMakeDeps writes such a file for each package, of what package_info() says.
    config = pathlib.Path(recipe.base, "generators", "rejoin-config.cmake")
    config.parent.mkdir(parents=True)
    libraries = ";".join(f"{package.package_folder}/lib/lib{name}.a" for name in package.cpp_info.libs)
    config.write_text(f"""find_package(SQLite3 REQUIRED)
add_library(rejoin::rejoin INTERFACE IMPORTED)
target_compile_features(rejoin::rejoin INTERFACE cxx_std_20)
target_include_directories(rejoin::rejoin INTERFACE "{package.package_folder}/include")
target_link_libraries(rejoin::rejoin INTERFACE "{libraries}" SQLite::SQLite3)
""")
    pathlib.Path(config.parent, "rejoin-config-version.cmake").write_text("set(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
    recipe.given = {"CMAKE_PREFIX_PATH": str(config.parent)}
    for step in ("requirements", "layout", "build", "test"):
        getattr(recipe, step)()
    assert recipe.required == {package.name: VERSION}, recipe.required
    assert recipe.output == "equal\n", recipe.output


shutil.rmtree(SCRATCH, ignore_errors=True)
offer_conan()
use_package(create_package())
print("packed, and used by examples/find_package")
