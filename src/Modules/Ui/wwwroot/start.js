// Starts the page's connection to the server, and says how it goes on when the line or the server is gone for a while.
(function () {
  // The content policy refuses style attributes in text; what a script sets is allowed. Lists that render only what is seen set them.
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === 'style') this.style.cssText = value; else set.call(this, name, value);
  };

  const box = document.getElementById('components-reconnect-modal');
  let waiting = false;
  let shown = false;

  function show() {
    shown = true;
    if (!box.open) box.showModal();
  }

  // The server has forgotten this page, or was away for long: as soon as it answers the page is read anew. What was typed is in the drafts.
  async function comeBack() {
    if (waiting) return;
    waiting = true;
    show();
    for (;;) {
      try {
        const answer = await fetch('health/ready', { cache: 'no-store' });
        if (answer.ok) { location.reload(); return; }
      } catch { /* not yet */ }
      await new Promise(done => setTimeout(done, 1000));
    }
  }

  box.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    if (state === 'show') show();
    else if (state === 'hide') {
      shown = false;
      box.close();
    }
    else if (state === 'rejected' || state === 'failed') comeBack();
  });
  box.addEventListener('cancel', event => event.preventDefault());
  // The second Escape closes it whatever is prevented.
  box.addEventListener('close', () => { if (shown) box.showModal(); });

  Blazor.start({
    circuit: {
      reconnectionOptions: { maxRetries: 10, retryIntervalMilliseconds: attempt => Math.min(1000 * attempt, 5000) },
    },
  });
})();
