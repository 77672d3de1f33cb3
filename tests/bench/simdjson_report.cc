// casepipe's report made with simdjson, over a mapped file, in one thread.
//
//     simdjson_report ondemand|fields|dom FILE.jsonl
//     simdjson_report --version
//
//   mapped file --iterate_many | parse_many--> record --status, sensor_id, value, timestamp-->
//   status counts, and by sensor: count, min, max, mean, deviation, first and last time --> JSON
//
// ondemand asks for the four fields by name, in the order of the regular data (and looks at all
// keys of a record, unescaped, only where a name was not found); fields goes through the keys of
// each record as they come; dom builds the tree of each record. The sums are plain doubles, a
// little less work than casepipe's; On-Demand leaves unchecked what it skips.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace
{

using simdjson::error_code;

const size_t BATCH_BYTES = 1000000; // the library's default

struct record {
    std::string_view status;
    uint64_t sensor_id = 0;
    double value = 0;
    double timestamp = 0;
    bool has_value = false;
};

struct sensor {
    uint64_t count = 0;
    double sum = 0;
    double sum_of_squares = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
    double first = std::numeric_limits<double>::infinity();
    double last = -std::numeric_limits<double>::infinity();
};

struct report {
    std::vector<std::pair<std::string, uint64_t>> statuses;
    std::vector<sensor> sensors = std::vector<sensor>(65536);

    void add(const record &r)
    {
        count_status(r.status);
        sensor &s = sensors[r.sensor_id & 65535];
        s.first = std::min(s.first, r.timestamp);
        s.last = std::max(s.last, r.timestamp);
        if (!r.has_value)
            return;
        s.count++;
        s.sum += r.value;
        s.sum_of_squares += r.value * r.value;
        s.min = std::min(s.min, r.value);
        s.max = std::max(s.max, r.value);
    }

    void count_status(std::string_view status)
    {
        for (auto &known : statuses) {
            if (known.first == status) {
                known.second++;
                return;
            }
        }
        statuses.emplace_back(std::string(status), 1);
    }
};

// The file's bytes, followed by at least SIMDJSON_PADDING readable ones.
struct mapped_file {
    const char *data = nullptr;
    size_t size = 0;

    bool open(const char *path)
    {
        int fd = ::open(path, O_RDONLY | O_CLOEXEC);
        struct stat about;
        if (fd < 0 || fstat(fd, &about))
            return false;
        size = static_cast<size_t>(about.st_size);
        void *room = mmap(nullptr, size + simdjson::SIMDJSON_PADDING + 4096, PROT_READ,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room == MAP_FAILED ||
            mmap(room, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
            return false;
        madvise(room, size, MADV_SEQUENTIAL);
        data = static_cast<const char *>(room);
        return close(fd) == 0;
    }
};

template <class Value> error_code read_value(Value &&value, record &r)
{
    error_code error = std::forward<Value>(value).get_double().get(r.value);
    r.has_value = !error;
    return error == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : error;
}

error_code read_all_keys(simdjson::ondemand::object &object, record &r)
{
    for (auto field : object) {
        std::string_view key;
        error_code error = field.unescaped_key().get(key);
        if (!error && key == "status")
            error = field.value().get_string().get(r.status);
        else if (!error && key == "timestamp")
            error = field.value().get_double().get(r.timestamp);
        else if (!error && key == "sensor_id")
            error = field.value().get_uint64().get(r.sensor_id);
        else if (!error && key == "value")
            error = read_value(field.value(), r);
        if (error)
            return error;
    }
    return simdjson::SUCCESS;
}

error_code read_by_name(simdjson::ondemand::object &object, record &r)
{
    error_code error = object["status"].get_string().get(r.status);
    if (!error)
        error = object["timestamp"].get_double().get(r.timestamp);
    if (!error)
        error = object["sensor_id"].get_uint64().get(r.sensor_id);
    if (!error)
        error = read_value(object["value"], r);
    if (error != simdjson::NO_SUCH_FIELD)
        return error;
    error = object.reset().error();
    return error ? error : read_all_keys(object, r);
}

template <error_code read(simdjson::ondemand::object &, record &)>
error_code with_ondemand(const mapped_file &file, report &totals)
{
    simdjson::ondemand::parser parser;
    parser.threaded = false;
    simdjson::ondemand::document_stream stream;
    error_code error = parser.iterate_many(file.data, file.size, BATCH_BYTES).get(stream);
    if (error)
        return error;
    for (auto document : stream) {
        simdjson::ondemand::object object;
        record r;
        error = document.get_object().get(object);
        if (!error)
            error = read(object, r);
        if (error)
            return error;
        totals.add(r);
    }
    return simdjson::SUCCESS;
}

error_code with_dom(const mapped_file &file, report &totals)
{
    simdjson::dom::parser parser;
    parser.threaded = false;
    simdjson::dom::document_stream stream;
    error_code error = parser.parse_many(file.data, file.size, BATCH_BYTES).get(stream);
    if (error)
        return error;
    for (auto document : stream) {
        record r;
        error = document["status"].get_string().get(r.status);
        if (!error)
            error = document["timestamp"].get_double().get(r.timestamp);
        if (!error)
            error = document["sensor_id"].get_uint64().get(r.sensor_id);
        if (!error)
            error = read_value(document["value"], r);
        if (error)
            return error;
        totals.add(r);
    }
    return simdjson::SUCCESS;
}

void print_sensor(size_t id, const sensor &s, bool is_first)
{
    double n = static_cast<double>(s.count), mean = s.sum / n;
    std::printf("%s\n[%zu, %llu, %.17g, %.17g, %.17g, ", is_first ? "" : ",", id,
                static_cast<unsigned long long>(s.count), s.min, s.max, mean);
    if (s.count < 2)
        std::printf("null");
    else
        std::printf("%.17g", std::sqrt((s.sum_of_squares - s.sum * mean) / (n - 1)));
    std::printf(", %.17g, %.17g]", s.first, s.last);
}

void print_report(const report &totals)
{
    std::printf("{\"status\": {");
    for (size_t i = 0; i < totals.statuses.size(); i++)
        std::printf("%s\"%s\": %llu", i ? ", " : "", totals.statuses[i].first.c_str(),
                    static_cast<unsigned long long>(totals.statuses[i].second));
    std::printf("},\n\"sensors\": [");
    bool is_first = true;
    for (size_t id = 0; id < totals.sensors.size(); id++) {
        if (!totals.sensors[id].count)
            continue;
        print_sensor(id, totals.sensors[id], is_first);
        is_first = false;
    }
    std::printf("]}\n");
}

struct manner {
    const char *name;
    error_code (*run)(const mapped_file &, report &);
};

const manner manners[] = {
    {"ondemand", with_ondemand<read_by_name>},
    {"fields", with_ondemand<read_all_keys>},
    {"dom", with_dom},
};

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && !std::strcmp(argv[1], "--version")) {
        std::printf("simdjson %s (%s)\n", SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
                    simdjson::get_active_implementation()->name().c_str());
        return 0;
    }
    mapped_file file;
    if (argc != 3 || !file.open(argv[2])) {
        std::fprintf(stderr, "usage: simdjson_report ondemand|fields|dom FILE.jsonl\n");
        return 64;
    }
    for (const manner &m : manners) {
        if (std::strcmp(m.name, argv[1]))
            continue;
        report totals;
        error_code error = m.run(file, totals);
        if (error) {
            std::fprintf(stderr, "simdjson_report: %s\n", simdjson::error_message(error));
            return 65;
        }
        print_report(totals);
        return 0;
    }
    return 64;
}
