#include "models/text/g2p/homographs.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

// Words separated by single spaces: a readable set for the short lists below.
class WordSet {
 public:
  constexpr WordSet(const char* words) : words_(words) {}  // NOLINT: implicit, the lists are literals
  bool has(std::string_view word) const {
    for (std::size_t at = words_.find(word); !word.empty() && at != std::string_view::npos;
         at = words_.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if ((at == 0 || words_[at - 1] == ' ') && (end == words_.size() || words_[end] == ' ')) return true;
    }
    return false;
  }

 private:
  std::string_view words_;
};

constexpr WordSet kDeterminers =
    "a an the this that these those my your his her its our their no any some every each";
constexpr WordSet kInfinitiveCues =
    "to will 'll would 'd can could should must may might shall do does did not n't never please let";

// A word and its neighbours, in lower case.
class Around {
 public:
  Around(std::vector<TextToken>& tokens, std::size_t i) : tokens_(tokens), i_(i) {}

  TextToken& token() const { return tokens_[i_]; }
  // The word `distance` behind (positive) or before (negative); empty outside the text.
  std::string word(int distance) const {
    const auto at = static_cast<std::ptrdiff_t>(i_) + distance;
    return at < 0 || at >= std::ssize(tokens_) ? std::string()
                                               : lower_case(tokens_[static_cast<std::size_t>(at)].text);
  }
  std::string_view tag(int distance) const {
    const auto at = static_cast<std::ptrdiff_t>(i_) + distance;
    return at < 0 || at >= std::ssize(tokens_) ? std::string_view()
                                               : tokens_[static_cast<std::size_t>(at)].tag;
  }
  bool next_is(const WordSet& set) const { return set.has(word(1)); }
  bool previous_is(const WordSet& set) const { return set.has(word(-1)); }
  // Whether one of the words stands in the same sentence, at most twelve words away.
  bool near(const WordSet& set) const {
    for (int step : {-1, 1}) {
      for (int k = 1; k <= 12; ++k) {
        if (tag(step * k).empty() || tag(step * k) == ".") break;
        if (set.has(word(step * k))) return true;
      }
    }
    return false;
  }
  bool ends_clause() const { return tag(1).empty() || tag(1) == "." || tag(1) == "," || tag(1) == ":"; }
  bool is_verb() const { return token().tag.starts_with("VB"); }
  void say(const char* phonemes) const { token().phonemes = phonemes; }
  void retag(std::string_view tag) const { token().tag = tag; }

 private:
  std::vector<TextToken>& tokens_;
  std::size_t i_;
};

void lead(const Around& w) {
  const bool metal_next = w.next_is(
      "pipe pipes pipeline paint paints poisoning pencil pencils acid bullet bullets shot weight weights ore "
      "crystal mine "
      "mines solder shield shielding apron exposure contamination oxide sinker sinkers ingot ingots content "
      "sulfide "
      "levels glaze plates soldiers");
  const bool made_of = w.previous_is("of") &&
                       WordSet(
                           "made full piece pieces bar bars lump block ton tons pound pounds ounces sheet "
                           "sheets kilograms grams amount amounts traces levels out box")
                           .has(w.word(-2));
  const bool material =
      w.previous_is(
          "pencil molten melted contain contains contained containing liquid no unleaded toxic into from "
          "like as melting metallic") &&
      (w.ends_clause() || w.next_is("into and or melts in is"));
  const bool metals =
      (w.next_is("and or") &&
       WordSet("zinc copper tin mercury arsenic cadmium gold silver iron steel nickel glass")
           .has(w.word(2))) ||
      (w.previous_is("and or ,") &&
       WordSet("zinc copper tin mercury arsenic cadmium gold silver iron steel nickel asbestos")
           .has(w.word(-2)));
  const bool free = w.word(1) == "-" && WordSet("free acid based lined").has(w.word(2));
  const bool idiom = w.previous_is("the") && w.word(1) == "out" && WordSet("get getting got").has(w.word(-2));
  const bool leading =
      w.previous_is("to will would can could should must the in you 'll") && !metal_next && !idiom;
  if (!leading && (metal_next || made_of || material || metals || free)) w.say("lˈɛd");
  if (idiom || (metal_next && w.previous_is("the"))) w.say("lˈɛd");
}

void wound(const Around& w) {
  const bool coiled =
      w.next_is("up around down through tightly back its their his her my") && !w.previous_is(kDeterminers);
  if (coiled ||
      (w.is_verb() && w.token().tag != "VB" && w.token().tag != "VBZ" && !w.previous_is(kDeterminers))) {
    w.say("wˈWnd");
  } else {
    w.say("wˈund");
  }
}

void bass(const Around& w) {
  const bool music = w.next_is("guitar guitars player players drum drums line lines clef solo") ||
                     w.previous_is("double electric");
  const bool fish =
      !music &&
      (w.previous_is("sea striped largemouth smallmouth black") ||
       w.next_is("fishing fisherman fishermen boat fillet fillets pond pro") ||
       w.near("fish fishing caught catch catches lake river grilled cooked hook reel trout pike salmon ate"));
  if (w.token().text != "Bass" || w.token().tag != "NNP") w.say(fish ? "bˈæs" : "bˈAs");
}

void tear(const Around& w) {
  const bool split = (w.previous_is("and") && w.word(-2) == "wear") ||
                     w.previous_is("muscle ligament meniscus tendon acl cuff small big") ||
                     (w.next_is("in") && WordSet("the my his her your our this fabric").has(w.word(2)) &&
                      !WordSet("eye eyes").has(w.word(3))) ||
                     w.next_is("apart up down off out open") || w.previous_is(kInfinitiveCues);
  const bool drop = w.near("cheek cheeks eye eyes cried cry crying wept shed face") && !w.is_verb();
  if (drop) {
    w.say("tˈɪɹ");
  } else if (split) {
    w.say("tˈɛɹ");
  }
}

void bow(const Around& w) {
  const bool bend =
      w.next_is("down before out") || w.previous_is("take took takes taking final deep low curtsy");
  const bool ship =
      w.near("ship ships boat boats stern vessel deck hull sailed") && !w.near("arrow arrows ribbon");
  const bool taken = w.previous_is("a final last deep") && w.near("took take takes taking");
  if (w.near("arrow arrows ribbon violin cello tie hair archer")) {
    w.say(taken || w.next_is("down before") ? "bˈW" : "bˈO");
  } else if (bend || ship || taken) {
    w.say("bˈW");
  }
}

void row(const Around& w) {
  const bool quarrel = w.previous_is("a blazing huge terrible big furious diplomatic") &&
                       !w.next_is("of in") &&
                       (w.near("had having about argument shouting angry broke erupted") &&
                        !w.near("seats chairs boat houses"));
  if (quarrel || (w.next_is("about over") && w.previous_is("a the blazing"))) w.say("ɹˈW");
}

void close(const Around& w) {
  const bool near_by = w.next_is("to by") && !w.previous_is(kInfinitiveCues) && w.token().tag != "VBD";
  if (near_by || w.previous_is("too very so how that pretty quite come came comes stay stayed get got"))
    w.say("klˈOs");
}

void live(const Around& w) {
  const bool at_once =
      w.next_is(
          "music show shows stream streams broadcast tv audience performance performances concert "
          "concerts band bands wire event events chat updates feed coverage demo version album") &&
      !w.previous_is("to will would who i we you they can");
  const bool on_air =
      w.previous_is(
          "is are was were go goes going went streaming broadcast streamed recorded perform performed "
          "airs airing now") &&
      !w.next_is("in with at on near here there");
  if (at_once || (on_air && w.tag(-1) != "MD")) w.say("lˈIv");
}

void minute(const Around& w) {
  const bool tiny =
      w.next_is(
          "detail details amount amounts quantity quantities particles traces difference differences "
          "changes fraction fractions variations") &&
      !w.previous_is("a one two five ten per -") && w.tag(-1) != "CD";
  const bool predicate = w.ends_clause() && w.previous_is("is are was were so very extremely almost quite");
  const bool fine_detail = w.next_is("detail details amount") && w.previous_is("a");
  if (tiny || predicate || fine_detail) {
    w.say("mInˈut");
  } else {
    w.say("mˈɪnət");
  }
}

void desert(const Around& w) {
  if (w.previous_is(kInfinitiveCues) || (w.previous_is("i you we they") && !w.ends_clause())) w.retag("VB");
  if (w.previous_is(kDeterminers)) w.retag("NN");
}

void dove(const Around& w) {
  const bool jumped = w.next_is("into in off under down deep headfirst straight right head") &&
                      !w.previous_is(kDeterminers) && w.tag(-1) != "JJ";
  w.say(jumped ? "dˈOv" : "dˈʌv");
}

void sow(const Around& w) {
  const bool pig = w.previous_is(kDeterminers) || w.previous_is("pregnant old mother");
  w.say(pig ? "sˈW" : "sˈO");
}

void wind(const Around& w) {
  const bool turn = w.next_is("up down back around") && !w.previous_is(kDeterminers) && w.tag(-1) != "JJ";
  const bool air =
      w.next_is(
          "turbine turbines power farm farms speed speeds chill energy instrument instruments tunnel gust "
          "gusts direction blows blew shield") ||
      (w.previous_is(kDeterminers) && !w.next_is("up"));
  if (turn || w.previous_is("to will would can you")) {
    w.retag("VB");
  } else if (air) {
    w.retag("NN");
  }
}

void read(const Around& w) {
  const std::string_view tag = w.token().tag;
  const bool mine =
      w.previous_is("i you we they") || (w.tag(-1) == "RB" && WordSet("i you we they").has(w.word(-2)));
  if (!mine || tag == "VBN" || tag == "VB") return;
  const bool asked = WordSet("do did does can could should would will may might must").has(w.word(-2));
  const bool habit = w.near("every always usually often daily weekly sometimes now today tomorrow when if") ||
                     w.previous_is("always usually often");
  const bool past = w.near("yesterday last ago once already earlier before was were had did said just");
  if (asked || (habit && !past)) w.retag("VB");
}

void resume(const Around& w) {
  const bool paper = w.previous_is("my your his her a the our their updated new this") ||
                     w.next_is("writing builder template");
  if (paper && !w.next_is("the it this that")) w.say("ɹˈɛzəmˌA");
}

void content(const Around& w) {
  if (w.previous_is("is are was were be am 's 're very quite perfectly so feel feels felt") &&
      !w.tag(1).starts_with("NN")) {
    w.say("kəntˈɛnt");
  } else if (w.tag(1).starts_with("NN") && !w.is_verb()) {
    w.say("kˈɑntɛnt");
  }
}

void polish(const Around& w) {
  if (w.token().text == "Polish" && w.tag(-1).empty() && w.next_is("the your my it this that"))
    w.say("pˈɑlɪʃ");
}

struct Homograph {
  std::string_view word;
  void (*decide)(const Around&);
};
constexpr Homograph kHomographs[] = {
    {"bass", bass}, {"bow", bow},       {"close", close}, {"content", content}, {"desert", desert},
    {"dove", dove}, {"lead", lead},     {"live", live},   {"minute", minute},   {"polish", polish},
    {"read", read}, {"resume", resume}, {"row", row},     {"sow", sow},         {"tear", tear},
    {"wind", wind}, {"wound", wound}};

// Nouns with a verb's reading: behind a subject or an auxiliary they are the verb, whatever the tagger
// thought.
constexpr WordSet kNounOrVerb =
    "abuse attribute conduct conflict construct contest contract convert convict decrease delegate desert "
    "discount duplicate "
    "escort estimate excuse export extract graduate house import increase insult object permit present "
    "produce progress "
    "project protest rebel record refund refuse reject separate subject suspect transport upset use";

void noun_or_verb(const Around& w) {
  if (!w.token().tag.starts_with("NN") && w.token().tag != "JJ") return;
  const bool subject = w.previous_is("i you we they") && !w.ends_clause() && w.tag(1) != "NN";
  const bool infinitive =
      w.word(-1) == "to" && w.ends_clause() &&
      WordSet(
          "is was want wants wanted need needs needed like going have has had able try tried "
          "decided refuse right")
          .has(w.word(-2));
  const bool auxiliary = w.previous_is("to will would can could should must may might n't not please") &&
                         (w.tag(1) == "DT" || w.tag(1) == "PRP" || w.tag(1) == "PRP$");
  if (subject || auxiliary || infinitive) w.retag("VB");
}

}  // namespace

void decide_homographs(std::vector<TextToken>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].phonemes) continue;
    const Around around(tokens, i);
    const std::string word = around.word(0);
    const auto* found = std::ranges::find(kHomographs, word, &Homograph::word);
    if (found != std::end(kHomographs)) {
      found->decide(around);
    } else if (kNounOrVerb.has(word)) {
      noun_or_verb(around);
    }
  }
}

}  // namespace antiphon::models::text
