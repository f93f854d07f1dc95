#include "keyspace/neighbour_names.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;

namespace {

/// "Sidekiq?" where the name alone does not decide; "" for no neighbour.
std::string kind_of(std::string_view key) {
    const auto match = NeighbourNames::all().match(key);
    if (!match) {
        return "";
    }
    return std::string(NeighbourNames::all().table()[match->kind].name) + (match->sure ? "" : "?");
}

}  // namespace

TEST_CASE("the keys that each product makes are known by their names") {
    const std::vector<std::pair<std::string, std::string>> keys = {
        {"bull:mail:meta", "BullMQ"},
        {"bull:mail:wait", "BullMQ"},
        {"bull:mail:completed", "BullMQ"},
        {"bull:mail:stalled-check", "BullMQ"},
        {"bull:mail:events", "BullMQ"},
        {"bull:mail:id", "BullMQ?"},
        {"bull:mail:1042", "BullMQ?"},
        {"bull:mail:1042:lock", "BullMQ?"},
        {"bull:mail:repeat:dc8f96808dbf0ca8802f8088560e1ac4:1745770085000", "BullMQ?"},
        {"{bull}:mail:meta", "BullMQ"},
        {"queue:default", "Sidekiq?"},
        {"queues", "Sidekiq?"},
        {"schedule", "Sidekiq?"},
        {"retry", "Sidekiq?"},
        {"dead", "Sidekiq?"},
        {"processes", "Sidekiq?"},
        {"stat:processed:2026-11-29", "Sidekiq?"},
        {"cron_job:default:nightly", "Sidekiq?"},
        {"resque:queues", "Resque"},
        {"resque:queue:high", "Resque"},
        {"resque:worker:web-1:4711:high", "Resque"},
        {"resque:stat:processed", "Resque"},
        {"resque:timestamps:{\"class\":\"A\"}", "Resque?"},
        {"_kombu.binding.celery", "Celery"},
        {"celery-task-meta-6f1c9b1e-0a9b-4bb0-9d4c-9f4a7f1d2a33", "Celery"},
        {"celery", "Celery?"},
        {"celery\x06\x16"
         "3",
         "Celery?"},
        {"unacked_index", "Celery?"},
        {"redbeat::schedule", "RedBeat"},
        {"redbeat:nightly", "RedBeat?"},
        {"rq:queue:default", "RQ"},
        {"rq:job:4a6a3b1c-7a35-4d38-8a3e-3ab0f1c5d2e7", "RQ"},
        {"rq:finished:default", "RQ?"},
        {"laravel_database_queues:default", "Laravel queues"},
        {"laravel-database-queues:default:notify", "Laravel queues"},
        {"queues:default:reserved", "Laravel queues"},
        {"queues:default", "Laravel queues?"},
        {"laravel_horizon:masters", "Laravel Horizon"},
        {"laravel_horizon:4711", "Laravel Horizon?"},
        {"asynq:{default}:pending", "Asynq"},
        {"asynq:queues", "Asynq"},
        {"arq:queue", "arq"},
        {"arq:in-progress:9d3f", "arq"},
        {"dramatiq:default.msgs", "Dramatiq"},
        {"dramatiq:default", "Dramatiq?"},
        {"huey.schedule.shop", "Huey"},
        {"{hangfire}:job:1:state", "Hangfire"},
        {"PHPREDIS_SESSION:k3v1o6h0p8c3b5c2r9q4s1m7t2", "PHP"},
        {"sf_sk3v1o6h0p8c3b5c2r9q4s1m7t2", "Symfony"},
        {"sess_k3v1o6h0p8c3b5c2r9q4s1m7t2", "Magento"},
        {"sess:Pz4nLx7-0yQqJ2hV9cKd_1mRtW8sAbEf", "Express"},
        {"spring:session:sessions:33fdd1b6-b496-4b33-9f7d-df96679d32fe", "Spring Session"},
        {"spring:session:expirations:1439245080000", "Spring Session"},
        {"micronaut:session:sessions:33fdd1b6", "Micronaut"},
        {":1:django.contrib.sessions.cached_dbqkysb6y4gcbgpqkgnebd6yfjvmwzi5ks", "Django"},
        {"shop:1:django.contrib.sessions.cacheqkysb6y4gcbgpqkgnebd6yfjvmwzi5ks", "Django"},
        {"rack:session:2::6f1c9b1e0a9b4bb09d4c9f4a7f1d2a33", "Rails and Rack"},
        {"_session_id:2::6f1c9b1e0a9b4bb09d4c9f4a7f1d2a336f1c9b1e0a9b4bb0", "Rails and Rack"},
        {"session:6f1c9b1e-0a9b-4bb0-9d4c-9f4a7f1d2a33", "Flask-Session"},
        {"redlock:orders:42", "Redlock"},
        {"redisson_unlock_latch:{orders}:31f8b8cb0fddae6d66074e21503d38cd", "Redisson"},
        {"job-lock:default:nightly", "ShedLock"},
        {"lock-signal:orders", "python-redis-lock"},
        {"lock:orders", "python-redis-lock?"},
    };
    for (const auto& row : keys) {
        const std::string& key = row.first;
        const std::string& kind = row.second;
        CAPTURE(key);
        CHECK(kind_of(key) == kind);
    }
}

TEST_CASE("what only resembles them is no neighbour") {
    for (const char* key : {"resque-docs:1",
                            "session-guide:1",
                            "session:guide",
                            "session:1",
                            "sess:1",
                            "session:how-to-train-your-dragon-part-2",
                            "sess:course-2024-introduction-to-go",
                            "sessions:list",
                            "queue",
                            "queued:1",
                            "bull",
                            "bull:1",
                            "bullet:1:meta",
                            "rq",
                            "rqs:job:1",
                            "event-horizons:1",
                            "retry:1",
                            "deadline",
                            "scheduled",
                            "lockers:1",
                            "job-locks:a:b",
                            "arqs:queue",
                            "celery-recipes:1",
                            "course:1",
                            "",
                            "a",
                            ":",
                            "::",
                            "q:",
                            "\xff\xfe",
                            "docs:django.contrib.sessions.cache",
                            "phpredis_session:1",
                            "spring:sessions:1"}) {
        CAPTURE(key);
        CHECK(kind_of(key).empty());
    }
    // By its name alone it might be; without Horizon's own lists it is not counted.
    CHECK(kind_of("event-horizon:42") == "Laravel Horizon?");
}

TEST_CASE("an identifier is made by a generator, a slug by a person") {
    CHECK(is_made_id("6f1c9b1e-0a9b-4bb0-9d4c-9f4a7f1d2a33"));
    CHECK(is_made_id("k3v1o6h0p8c3b5c2r9q4s1m7t2"));
    CHECK(is_made_id("Pz4nLx7-0yQqJ2hV9cKd_1mRtW8sAbEf"));
    CHECK_FALSE(is_made_id("top-100-movies-of-the-year-2024"));
    CHECK_FALSE(is_made_id("6f1c9b1e"));
    CHECK_FALSE(is_made_id("thequickbrownfoxjumpsover"));
    CHECK_FALSE(is_made_id("6f1c9b1e0a9b4bb09d4c:9f4a7f1d2a33"));
    CHECK_FALSE(is_made_id("6f1c9b1e0a9b4bb09d4c\xc3\xa9"));
}

TEST_CASE("every row says where its names come from and how it is recognised") {
    for (const NeighbourKind& kind : neighbour_table()) {
        CAPTURE(kind.name);
        CHECK(kind.source.starts_with("https://"));
        CHECK_FALSE(kind.what.empty());
        CHECK((!kind.sure.empty() || !kind.marks.empty()));
        CHECK(kind.marks.size() <= 2);
        for (const NeighbourMark& mark : kind.marks) {
            // Whoever would delete the mark has to meet it as a key of the program.
            CHECK(kind_of(mark.key).starts_with(kind.name));
        }
    }
}

TEST_CASE("a pattern that no few bytes lead to is refused") {
    const std::vector<NeighbourKind> table = {{"X", "jobs", {{"*x*"}}, {}, {}, ""}};
    CHECK_THROWS_AS(NeighbourNames{table}, std::logic_error);
}
