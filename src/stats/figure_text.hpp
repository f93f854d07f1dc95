// Figures as people read them in sentences and charts.
#pragma once

#include <chrono>
#include <string>

namespace cachectl {

/// "0.3 ms", "831 ms", "1.9 s", "5m 57s"
std::string format_wait(std::chrono::microseconds time);

/// "1,231/s"; below ten with one digit after the point: "0.4/s".
std::string format_per_second(double per_second);

/// "375.0 KiB/s"
std::string format_bytes_per_second(double per_second);

/// 0.783 is "78.3 %".
std::string format_share(double share);

}  // namespace cachectl
