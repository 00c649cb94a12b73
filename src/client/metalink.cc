// SPDX-License-Identifier: Apache-2.0
// The document comes from strangers: expat checks its form, and everything that it says is bounded here.
#include <backhaul/codes.h>
#include <backhaul/metalink.h>
#include <expat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/hidden_users.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/pieces.h"

namespace backhaul {
namespace {

constexpr std::size_t document_max = 16U << 20;
constexpr std::size_t files_max = 100'000;
constexpr std::size_t text_max = 64U * 1024;  // of one element
constexpr int depth_max = 32;
constexpr std::size_t component_max = 255;
constexpr std::uint32_t last_priority = 999'999;  // of an address without one
constexpr char separator = ' ';                   // between the namespace and the name of an element
constexpr std::string_view namespace_4 = "urn:ietf:params:xml:ns:metalink ";
constexpr std::string_view namespace_3 = "http://www.metalinker.org/ ";

struct RankedUrl {
  std::uint32_t priority = last_priority;
  std::string url;
};

bool is_of_network(std::string_view url) {
  const std::string scheme = core::url_scheme(url);
  return scheme == "http" || scheme == "https";
}

// The digests of one <pieces>.
struct PieceList {
  std::string algorithm;  // as a digest names it; empty: not one that counts
  std::uint64_t length = 0;
  std::vector<std::string> digests;
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view trimmed_text(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Of the names that RFC 5854 §4.2.4 takes from the registry; the longer a digest the better.
std::string_view digest_word(std::string_view type, bool of_piece) {
  if (type == "sha-512") return "sha512";
  if (type == "sha-256") return "sha256";
  return of_piece && type == "sha-1" ? "sha1" : "";
}

// Why it leads elsewhere, or is none; empty: it is good (RFC 5854 §4.1.2.1).
std::string wrong_name(std::string_view name) {
  const bool control =
      std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (name.empty() || control || name.find('\\') != std::string_view::npos)
    return "the name of a file is empty, or holds a character that no name should have";
  while (true) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.size() > component_max)
      return "the name of a file leads out of its directory, or has an empty or too long part";
    if (slash == name.size()) return {};
    name.remove_prefix(slash + 1);
  }
}

class Reader {
 public:
  Reader() : parser_(XML_ParserCreateNS(nullptr, separator), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Reader::on_begin, &Reader::on_end);
    XML_SetCharacterDataHandler(parser_.get(), &Reader::on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Reader::on_doctype);
  }

  Result<std::vector<MetalinkFile>> read(const std::string& document) {
    if (document.size() > document_max) return Error(code::e_invalidarg, "the Metalink has more than 16 MiB");
    const bool good = XML_Parse(parser_.get(), document.data(), static_cast<int>(document.size()), 1) ==
                      XML_STATUS_OK;
    if (!good && error_.empty())
      refuse(std::string("this is no XML document: ") + XML_ErrorString(XML_GetErrorCode(parser_.get())));
    if (good && files_.empty()) refuse("this Metalink names no file");
    if (!error_.empty()) return Error(code::e_invalidarg, error_);
    return std::move(files_);
  }

 private:
  static Reader& self(void* data) { return *static_cast<Reader*>(data); }
  static void on_begin(void* data, const XML_Char* name, const XML_Char** attributes) {
    self(data).begin(name, attributes);
  }
  static void on_end(void* data, const XML_Char*) { self(data).end(); }
  static void on_text(void* data, const XML_Char* text, int length) {
    self(data).add({text, static_cast<std::size_t>(length)});
  }
  static void on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    self(data).refuse("a document type, which a Metalink does not have");
  }

  std::uint64_t line() const {
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9  // where the other name is deprecated
    return XML_GetCurrentLineNumber64(parser_.get());
#else
    return XML_GetCurrentLineNumber(parser_.get());
#endif
  }

  void refuse(const std::string& why) {
    if (!error_.empty()) return;
    error_ = "line " + std::to_string(line()) + ": " + why;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  static std::string_view attribute(const XML_Char** attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2)
      if (name == attributes[0]) return attributes[1];
    return {};
  }

  void begin(std::string_view element, const XML_Char** attributes) {
    text_.clear();
    if (path_.size() >= depth_max) return refuse("elements lie too deep in each other");
    if (path_.empty() && element != std::string(namespace_4) + "metalink")
      return refuse(element.starts_with(namespace_3) ? "this is Metalink 3; only Metalink 4 (RFC 5854) is read"
                                                     : "this is no Metalink 4 (RFC 5854)");
    path_.emplace_back(element.starts_with(namespace_4) ? element.substr(namespace_4.size()) : "");
    const auto of = [&](std::string_view name) { return std::string(attribute(attributes, name)); };
    if (is_at({"metalink", "file"})) begin_file(of("name"));
    if (is_at({"metalink", "file", "hash"})) type_ = of("type");
    if (is_at({"metalink", "file", "signature"})) type_ = of("mediatype");
    if (is_at({"metalink", "file", "url"})) begin_url(of("priority"));
    if (is_at({"metalink", "file", "metaurl"})) {
      type_ = of("mediatype");
      begin_url(of("priority"));
    }
    if (is_at({"metalink", "file", "pieces"})) begin_pieces(of("type"), of("length"));
  }

  // Of an element without content it comes behind a refusal as well.
  void end() {
    if (!error_.empty()) return;
    const std::string_view text = trimmed_text(text_);
    if (is_at({"metalink", "file"})) end_file();
    if (is_at({"metalink", "file", "size"})) end_size(text);
    if (is_at({"metalink", "file", "hash"})) end_hash(text);
    if (is_at({"metalink", "file", "url"})) end_url(text);
    if (is_at({"metalink", "file", "metaurl"})) end_metaurl(text);
    if (is_at({"metalink", "file", "pieces", "hash"})) end_piece(text);
    if (is_at({"metalink", "file", "pieces"})) end_pieces();
    if (is_at({"metalink", "file", "signature"}) && type_ == "application/pgp-signature")
      file_.signature = std::string(text) + "\n";
    text_.clear();
    path_.pop_back();
  }

  bool is_at(std::initializer_list<std::string_view> path) const { return std::ranges::equal(path_, path); }

  void add(std::string_view text) {
    if (text_.size() + text.size() > text_max) return refuse("a text is too long");
    text_ += text;
  }

  void begin_file(std::string name) {
    if (files_.size() >= files_max) return refuse("there are more than 100,000 files");
    if (const std::string why = wrong_name(name); !why.empty()) return refuse(why);
    file_ = {};
    file_.name = std::move(name);
    urls_.clear();
    torrent_priority_ = last_priority + 1;
    pieces_.clear();
  }

  void end_file() {
    if (urls_.empty()) return refuse("the file " + file_.name + " has no http or https address");
    file_.spec.remote = urls_.front().url;
    for (std::size_t i = 1; i < std::min(urls_.size(), core::mirrors_max + 1); ++i)
      file_.spec.mirrors.push_back(std::move(urls_[i].url));
    // "sha512", "sha256", "sha1": the best one comes last.
    const auto best = std::ranges::max_element(pieces_, {}, [](const PieceList& list) {
      return list.algorithm == "sha1" ? 0 : list.algorithm == "sha256" ? 1 : 2;
    });
    if (best != pieces_.end()) {
      file_.spec.piece_length = best->length;
      file_.spec.piece_digests = std::move(best->digests);
    }
    const bool good_pieces = best != pieces_.end() && best->algorithm != "sha1";
    if (good_pieces || !file_.spec.digests.empty()) file_.unchecked.clear();
    files_.push_back(std::exchange(file_, {}));
  }

  void end_size(std::string_view text) {
    const auto size = number_in(text);
    if (!size || *size > core::bytes_max) return refuse("the size of " + file_.name + " is none");
    file_.spec.expected_size = *size;
  }

  void end_hash(std::string_view text) {
    const std::string_view word = digest_word(type_, false);
    if (word.empty()) {
      if (!type_.empty() && file_.unchecked.size() < core::digests_max) file_.unchecked.push_back(type_);
    } else if (file_.spec.digests.size() < core::digests_max) {
      file_.spec.digests.push_back(std::string(word) + ":" + std::string(text));
    }
  }

  void begin_url(const std::string& priority) {
    const auto number = number_in(priority);
    priority_ = number && *number > 0 && *number < last_priority ? static_cast<std::uint32_t>(*number)
                                                                 : last_priority;
  }

  // A file of this machine is nobody's business but its own.
  void end_url(std::string_view text) {
    const auto same = [&](const RankedUrl& url) { return url.url == text; };
    if (is_of_network(text) && std::ranges::none_of(urls_, same))
      urls_.insert(std::ranges::upper_bound(urls_, priority_, {}, &RankedUrl::priority),
                   RankedUrl{priority_, std::string(text)});
  }

  // Of several the best one. It is a help: one that names a user, and would be refused, is left out (RFC 5854 §4.2.8).
  void end_metaurl(std::string_view text) {
    if (type_ != "torrent" || !is_of_network(text) || core::names_user(text) || priority_ >= torrent_priority_) return;
    torrent_priority_ = priority_;
    file_.spec.torrent = text;
  }

  void begin_pieces(const std::string& type, const std::string& length) {
    piece_list_ = {};
    const auto number = number_in(length);
    if (!number || *number == 0) return refuse("the pieces of " + file_.name + " have no length");
    piece_list_.algorithm = digest_word(type, true);
    piece_list_.length = *number;
  }

  void end_piece(std::string_view text) {
    if (piece_list_.algorithm.empty() || piece_list_.digests.size() > core::pieces_max) return;
    piece_list_.digests.push_back(piece_list_.algorithm + ":" + std::string(text));
  }

  // More of them than a file may have are left out: the digest of the whole remains.
  void end_pieces() {
    const std::size_t count = piece_list_.digests.size();
    if (count > 0 && count <= core::pieces_max) pieces_.push_back(std::move(piece_list_));
  }

  std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser_;
  std::string error_;
  std::vector<MetalinkFile> files_;

  std::vector<std::string> path_;  // of elements; "" is one of another vocabulary
  std::string text_;
  std::string type_;
  std::uint32_t priority_ = last_priority;
  MetalinkFile file_;
  std::vector<RankedUrl> urls_;
  std::uint32_t torrent_priority_ = 0;
  PieceList piece_list_;
  std::vector<PieceList> pieces_;
};

}  // namespace

Result<std::vector<MetalinkFile>> parse_metalink(const std::string& text) { return Reader().read(text); }

}  // namespace backhaul
