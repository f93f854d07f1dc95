// OBJECT FREQ: under an LFU policy each key has a counter of its uses, logarithmic and decaying.
#include <utility>

#include "cli/key_walk.hpp"
#include "hot/hot_keys.hpp"
#include "hot/hottest.hpp"

namespace cachectl {

namespace {

class MostFrequent final : public Sum {
public:
    explicit MostFrequent(std::size_t count) : m_hottest(count) {}

    void add(const KeyFacts& key) override {
        if (key.frequency) {
            m_hottest.add(key, static_cast<double>(*key.frequency));
        }
    }
    void reset() override { m_hottest.reset(); }
    [[nodiscard]] std::vector<HotKey> keys() const { return m_hottest.keys(); }

private:
    Hottest m_hottest;
};

}  // namespace

std::optional<HotKeys> hot_by_frequency(Context& ctx, Client& client, Paces& paces,
                                        const HotQuestion& question, std::string& why_not) {
    for (const ServerNode& node : client.nodes()) {
        const auto policy = node.client->server().info.text("maxmemory_policy");
        if (policy.find("lfu") == std::string_view::npos) {
            why_not = "OBJECT FREQ is kept under an LFU policy only";
            return std::nullopt;
        }
    }
    Selection selection;
    selection.filter = question.filter;
    selection.facts = {.frequency = true};
    MostFrequent most(question.count);
    KeyWalk walk(ctx, client, paces, std::move(selection), "looking for hot keys");
    const SelectionOutcome outcome = walk.run(most);
    walk.clear_progress();
    HotKeys found{.method = HotMethod::frequency, .unit = "lfu_counter", .keys = most.keys()};
    if (auto missing = missing_from(outcome)) {
        found.failure.emplace(std::move(*missing));
    }
    found.notes.emplace_back(
        "the counter is logarithmic, at most 255, and goes down with time (lfu-log-factor, "
        "lfu-decay-time)");
    keep_hottest(found.keys, question);
    return found;
}

}  // namespace cachectl
