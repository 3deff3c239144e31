/* Search finds what the pages say, numbers too. A query is split and stemmed by the rules of the index, which
   compendium/site/search.py makes; Sphinx writes this into language_data.js, after its stemmer and its stop words. */
var splitQuery = (query) =>
  query.normalize("NFC").match(
    /[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)*|[0-9]+(?:\.[0-9]+)+|[\p{L}\p{M}\p{N}_]+/gu
  ) ?? [];

var stemWord = ((stemmer) => (word) => {
  const lower = word.toLowerCase();
  if (/^[0-9]/.test(lower)) return lower.replaceAll(",", "");
  const plain = lower.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
  const stem = plain.length > 2 ? stemmer.stemWord(plain) : plain;
  return stopwords.includes(stem) ? plain : stem;
})(new PorterStemmer());

// As Sphinx's own, but for the line that leaves out whatever is a number.
Search._parseQuery = (query) => {
  const words = splitQuery(query).map((word) => word.toLowerCase()).filter((word) => !stopwords.includes(word));
  if (SPHINX_HIGHLIGHT_ENABLED) localStorage.setItem("sphinx_highlight_terms", words.join(" "));
  return [query, new Set(words.map(stemWord)), new Set(), new Set(words), new Set(words)];
};
