// SPDX-License-Identifier: Apache-2.0
// What any program can have of libcurl without a service: a multi handle, easy handles that are used
// again, bytes gathered to pieces of 256 KiB, a sync and a rename for each file. A peer of
// bench/transfer.
//
// Usage: bench_plain_loop LIST PARALLEL [CA-FILE [2]]      lines of LIST: URL, a tab, FILE; 2: over HTTP/2
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr long receive_buffer = 512L * 1024L;
constexpr std::size_t gathered = 256U * 1024U;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_plain_loop: %s\n", what.c_str());
  std::exit(1);
}

class File {
 public:
  explicit File(std::string path)
      : path_(std::move(path)),
        fd_(open((path_ + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (fd_ < 0) give_up("cannot make " + path_);
  }
  File(const File&) = delete;
  ~File() { close(fd_); }

  void take(const char* data, std::size_t size) {
    while (size > 0) {
      const std::size_t part = std::min(size, gathered - bytes_.size());
      bytes_.insert(bytes_.end(), data, data + part);
      data += part;
      size -= part;
      if (bytes_.size() == gathered) flush();
    }
  }
  void end() {
    flush();
    if (fdatasync(fd_) != 0 || std::rename((path_ + ".part").c_str(), path_.c_str()) != 0)
      give_up("cannot end " + path_);
  }

 private:
  void flush() {
    for (std::size_t done = 0; done < bytes_.size();) {
      const ssize_t written = write(fd_, bytes_.data() + done, bytes_.size() - done);
      if (written <= 0) give_up("cannot write " + path_);
      done += static_cast<std::size_t>(written);
    }
    bytes_.clear();
  }

  const std::string path_;
  const int fd_;
  std::vector<char> bytes_;
};

struct Wanted {
  std::string url, path;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* file) {
  static_cast<File*>(file)->take(data, size);
  return size;
}

class Loop {
 public:
  Loop(std::vector<Wanted> wanted, std::string authorities, bool http2)
      : wanted_(std::move(wanted)), authorities_(std::move(authorities)), http2_(http2), multi_(curl_multi_init()) {}
  Loop(const Loop&) = delete;
  ~Loop() { curl_multi_cleanup(multi_); }

  void run(std::size_t parallel) {
    for (std::size_t i = 0; i < parallel; ++i) begin(curl_easy_init());
    for (int running = 1; open_ > 0;) {
      if (curl_multi_perform(multi_, &running) != CURLM_OK) give_up("libcurl failed");
      collect();
      if (open_ > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }

 private:
  void begin(CURL* easy) {
    if (next_ == wanted_.size()) return curl_easy_cleanup(easy);
    const Wanted& wanted = wanted_[next_++];
    auto* file = new File(wanted.path);
    curl_easy_setopt(easy, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     static_cast<long>(http2_ ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http2_ ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, file);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, file);
    if (!authorities_.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, authorities_.c_str());
    curl_multi_add_handle(multi_, easy);
    ++open_;
  }

  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      if (message->data.result != CURLE_OK) give_up(curl_easy_strerror(message->data.result));
      char* known = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &known);
      const std::unique_ptr<File> file(reinterpret_cast<File*>(known));
      file->end();
      curl_multi_remove_handle(multi_, easy);
      --open_;
      begin(easy);
    }
  }

  const std::vector<Wanted> wanted_;
  const std::string authorities_;
  const bool http2_;
  CURLM* const multi_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) give_up("usage: LIST PARALLEL [CA-FILE [2]]");
  std::vector<Wanted> wanted;
  std::ifstream list(arguments[1]);
  for (Wanted one; std::getline(std::getline(list, one.url, '\t'), one.path);) wanted.push_back(one);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Loop(std::move(wanted), count > 3 ? arguments[3] : "", count > 4).run(std::strtoul(arguments[2], nullptr, 10));
  curl_global_cleanup();
}
