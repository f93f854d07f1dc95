#include "restore/backup_keys.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "output/writer.hpp"
#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("a file that is cut after it was checked is an error, not its end") {
    const TempDir dir;
    const std::string path = (dir.path() / "backup.rdb").string();
    RdbWriter writer(path, {});
    for (int i = 0; i < 100; ++i) {
        writer.add({.name = std::to_string(i)}, make_dump_payload(RdbType::string, "\1x", 9));
    }
    writer.commit();
    writer.finish();

    std::string text;
    Writer out(text), err(text);
    Context ctx(out, err);
    const BackupKeys keys(ctx, path);
    int found = 0;
    const auto count = [&found](const RdbKey&) { return ++found != 0; };
    keys.each(count);
    CHECK(found == 100);
    REQUIRE(::truncate(path.c_str(), 300) == 0);
    try {
        keys.each(count);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        CHECK(std::string(error.what()).find("was changed while it was read") != std::string::npos);
    }
}
