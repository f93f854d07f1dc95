// The entry point that every test binary shares, and the listener that prints what was kept for
// a failed test case.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <iostream>
#include <utility>
#include <vector>

#include "support/failure_log.hpp"

namespace cachectl::test {

namespace {

std::vector<std::pair<std::string, std::string>>& kept() {
    static std::vector<std::pair<std::string, std::string>> notes;
    return notes;
}

struct FailureLog : doctest::IReporter {
    explicit FailureLog(const doctest::ContextOptions& /*options*/) {}

    void test_case_start(const doctest::TestCaseData& /*data*/) override { kept().clear(); }
    void test_case_reenter(const doctest::TestCaseData& /*data*/) override {}
    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        if (!stats.testCaseSuccess) {
            for (const auto& [title, text] : kept()) {
                std::cerr << "--- " << title << "\n" << text << "\n---\n";
            }
        }
        kept().clear();
    }

    void report_query(const doctest::QueryData& /*data*/) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats& /*stats*/) override {}
    void test_case_exception(const doctest::TestCaseException& /*exception*/) override {}
    void subcase_start(const doctest::SubcaseSignature& /*signature*/) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData& /*data*/) override {}
    void log_message(const doctest::MessageData& /*data*/) override {}
    void test_case_skipped(const doctest::TestCaseData& /*data*/) override {}
};

REGISTER_LISTENER("failure_log", 1, FailureLog);

}  // namespace

void keep_for_failure(const std::string& title, const std::string& text) {
    kept().emplace_back(title, text);
}

}  // namespace cachectl::test
