// Conditions: the input is a condition and, behind a line break, NDJSON records to try it on. The
// comparison of numbers is checked against itself turned round.
#include "warm/rows/where.hpp"

#include <string>
#include <vector>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

void check_comparison(const std::vector<std::string>& numbers) {
    constexpr std::size_t k_most = 12;
    const std::size_t count = std::min(numbers.size(), k_most);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
            const int order = sign(compare_numbers(numbers[i], numbers[j]));
            expect(order == -sign(compare_numbers(numbers[j], numbers[i])),
                   numbers[i] + " and " + numbers[j] + " compare the same both ways");
            expect(i != j || order == 0, numbers[i] + " equals itself");
            for (std::size_t k = 0; k < count; ++k) {
                const int next = sign(compare_numbers(numbers[j], numbers[k]));
                expect(order != next || sign(compare_numbers(numbers[i], numbers[k])) == order,
                       numbers[i] + ", " + numbers[j] + " and " + numbers[k] + " have an order");
            }
        }
    }
}

}  // namespace

void fuzz_where(std::string_view input) {
    const std::string_view text = input.substr(0, input.find('\n'));
    const std::string_view records = input.substr(std::min(text.size() + 1, input.size()));
    std::vector<std::string> numbers;
    try {
        const Where where = Where::parse(text);
        read_checked(records, {.format = DumpFormat::ndjson}, k_one_read,
                     [&](const RecordReader& reader) {
                         const Record& record = reader.record();
                         for (std::size_t i = 0; i < record.size(); ++i) {
                             if (record.value(i).kind == ValueKind::number) {
                                 numbers.emplace_back(record.value(i).text);
                             }
                         }
                         const auto matches = where.matches(record);
                         expect(matches || !matches.bad_row().reason.empty(),
                                "a row that cannot be judged has a reason");
                     });
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "a bad condition is a mistake of the user's");
    }
    check_comparison(numbers);
}

}  // namespace cachectl
