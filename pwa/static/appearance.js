// Runs before the first paint: the chosen language, theme and text size must never flash into place.
// Its own file, not inline: the content security policy allows no inline script of ours.
(function () {
  try {
    var root = document.documentElement;
    root.lang = localStorage.getItem('nhipcau.language') || 'vi';
    root.dataset.theme = localStorage.getItem('nhipcau.theme') || 'system';
    root.dataset.text = localStorage.getItem('nhipcau.text') || '100';
  } catch {
    // Storage may be forbidden; the defaults in the page stand.
  }
})();
