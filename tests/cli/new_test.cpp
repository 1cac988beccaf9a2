// odeon new: what it makes, and what it refuses. That its folders build and pass: tests/install.
#include "data/file_size_limit.hpp"
#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

Outcome make(const SpecimenFolder& scratch, std::vector<std::string> args) {
  args.insert(args.begin(), "new");
  args.insert(args.end(), {"--dir", scratch.path()});
  return run_odeon(scratch.path(), args);
}

}  // namespace

TEST_CASE("odeon new makes a folder with a source of that name, a build, and a page") {
  for (const char* kind : {"backend", "field", "solver", "gradient", "communicator"}) {
    CAPTURE(kind);
    const SpecimenFolder scratch;
    const Outcome o = make(scratch, {kind, "first_try"});
    CHECK(o.status == 0);
    for (const char* file : {"first_try.cpp", "CMakeLists.txt", "README.md"}) {
      const std::string path = scratch.file("first_try") + "/" + file;
      CHECK(contains(o.out, path + "\n"));
      const std::string text = text_of(path);
      CHECK(contains(text, "first_try"));
      CHECK(text.find("my_") == std::string::npos);  // no word of the template is left
      CHECK(text.find('@') == std::string::npos);
    }
    CHECK(contains(text_of(scratch.file("first_try/CMakeLists.txt")),
                   "odeon_add_plugin(" + std::string(kind) + " first_try SOURCES first_try.cpp)\n"));
  }
}

TEST_CASE("odeon new leaves no half of a folder on a full disk") {
  const SpecimenFolder scratch;
  Outcome o;
  {
    const FileSizeLimit limit(600);
    o = make(scratch, {"field", "first_try"});
  }
  CHECK(o.status == 1);
  CHECK(contains(o.err, "writing failed"));
  CHECK_FALSE(std::filesystem::exists(scratch.file("first_try")));
  CHECK(make(scratch, {"field", "first_try"}).status == 0);
}

TEST_CASE("a solver may be plain C, or code that takes steps") {
  const SpecimenFolder scratch;
  CHECK(make(scratch, {"solver", "in_c", "--language", "c"}).status == 0);
  CHECK(contains(text_of(scratch.file("in_c/CMakeLists.txt")), "project(in_c LANGUAGES C)\n"));
  CHECK(contains(text_of(scratch.file("in_c/README.md")), " in_c.c -o odeon_solver_in_c.so\n"));
  CHECK(make(scratch, {"solver", "by_steps", "--steps"}).status == 0);
  CHECK(contains(text_of(scratch.file("by_steps/by_steps.cpp")), "void step("));
}

TEST_CASE("odeon new refuses what cannot be made, changes nothing, and says what would do") {
  const SpecimenFolder scratch;
  const struct {
    std::vector<std::string> args;
    std::string message;
  } cases[] = {
      {{"sovler", "mine"},
       "there is no kind 'sovler'; did you mean 'solver'? KIND is one of backend, field, solver, gradient, "
       "communicator."},
      {{"solver", "Mine"},
       "NAME becomes the component's id: up to 64 of a-z, 0-9 and _, beginning with a letter; found 'Mine'; "
       "choose "
       "another, such as my_solver"},
      {{"solver", "../mine"}, "found '../mine'; choose another, such as my_solver"},
      {{"solver", "dopri5"},
       "a solver 'dopri5' is installed (" ODEON_BINARY_DIR
       "/plugins/odeon_solver_dopri5.so), and ids are unique within a kind; choose another name"},
      {{"field", "mine", "--language", "c"}, "--language c is there for solvers; leave it out for a field"},
      {{"field", "mine", "--language", "rust"}, "--language is c++ or c; found 'rust'"},
      {{"solver", "mine", "--language", "c", "--steps"}, "leave out one of --steps and --language c"},
      {{"solver"},
       "a kind and a name are needed; usage: odeon new KIND NAME [--dir PATH] [--language c] [--steps]"},
      {{"solver", "mine", "--loud"}, "usage: odeon new KIND NAME"},
  };
  for (const auto& c : cases) {
    const Outcome o = make(scratch, c.args);
    CHECK(o.status == 2);
    CHECK(contains(o.err, c.message));
    CHECK_FALSE(fs::exists(scratch.file("mine")));
  }
  CHECK(contains(run_odeon(scratch.path(), {"new", "field", "mine", "--dir", scratch.file("none")}).err,
                 ": there is no such folder; make it first"));
}

TEST_CASE("odeon new leaves what is there alone") {
  const SpecimenFolder scratch;
  REQUIRE(make(scratch, {"field", "mine"}).status == 0);
  const std::string before = text_of(scratch.file("mine/mine.cpp"));
  const Outcome o = make(scratch, {"solver", "mine"});
  CHECK(o.status == 2);
  CHECK(contains(o.err, scratch.file("mine") + " is there already; remove it or choose another name"));
  CHECK(text_of(scratch.file("mine/mine.cpp")) == before);
}

}  // namespace odeon::test
