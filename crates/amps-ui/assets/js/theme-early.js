// Runs before the first paint, so that a chosen theme does not flash. Not a module: those wait.
(function () {
  try {
    var theme = localStorage.getItem('amps.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (error) { /* no storage: the system's theme */ }
})();
