using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Notify.Ui.Api;

/// <summary>Functions that run in the browser (<c>notify.js</c>).</summary>
public sealed class Browser(IJSRuntime js, NavigationManager navigation, Reader reader) : IAsyncDisposable
{
    private IJSObjectReference? script;

    /// <summary>The answer to a request that the browser itself made, because it sets or removes a cookie.</summary>
    public sealed record Answer(int Status, string Body)
    {
        public ApiAnswer Read() => new(new PageAnswer(Status, new Dictionary<string, string>(), System.Text.Encoding.UTF8.GetBytes(Body)));
    }

    /// <summary>The reader's time zone, an IANA name.</summary>
    public async Task<string> BeginAsync<T>(DotNetObjectReference<T> page)
        where T : class => await (await ScriptAsync()).InvokeAsync<string>("begin", page);

    public Task OpenDialogAsync<T>(ElementReference dialog, DotNetObjectReference<T> page)
        where T : class => DoAsync("openDialog", dialog, page);

    public Task FocusFirstFaultAsync(ElementReference within) => DoAsync("focusFirstFault", within);

    public async Task<string?> ReadDraftAsync(string name) => await (await ScriptAsync()).InvokeAsync<string?>("readDraft", OfReader(name));

    public Task KeepDraftAsync(string name, string text) => DoAsync("keepDraft", OfReader(name), text);

    public Task DropDraftAsync(string name) => DoAsync("dropDraft", OfReader(name));

    /// <summary>Inserts a text at the cursor of an element.</summary>
    /// <returns>The element's whole text.</returns>
    public async Task<string> InsertAtCursorAsync(ElementReference element, string text) =>
        await (await ScriptAsync()).InvokeAsync<string>("insertAtCursor", element, text);

    public async Task<bool> CopyAsync(string text) => await (await ScriptAsync()).InvokeAsync<bool>("copy", text);

    /// <summary>Whether the browser lets the page play sounds.</summary>
    public Task<bool> MaySoundAsync() => AskAsync<bool>("maySound");

    /// <returns>Whether it sounded.</returns>
    public Task<bool> ToneAsync() => AskAsync<bool>("tone");

    public async Task<bool> IsHiddenAsync() => await (await ScriptAsync()).InvokeAsync<bool>("isHidden");

    /// <summary>Changes the address shown for the page, without navigating.</summary>
    public Task SetAddressAsync(string path) => DoAsync("setAddress", path);

    public async Task<Answer> SendAsync(string method, string path, object? body = null) =>
        await (await ScriptAsync()).InvokeAsync<Answer>("send", method, path, body);

    /// <summary>Whether keys without Ctrl or Alt do something.</summary>
    public Task<bool> HasKeysAsync() => AskAsync<bool>("hasKeys");

    public Task UseKeysAsync(bool uses) => DoAsync("useKeys", uses);

    public Task SignOutAsync() => DoAsync("signOut");

    public async Task DoAsync(string function, params object?[] arguments) => await (await ScriptAsync()).InvokeVoidAsync(function, arguments);

    public async Task<T> AskAsync<T>(string function, params object?[] arguments) => await (await ScriptAsync()).InvokeAsync<T>(function, arguments);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (script is not null) await script.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser has disconnected.
        }
    }

    /// <summary>A session may end while something is typed: the next person in the same tab does not get that.</summary>
    private string OfReader(string name) => $"{reader.Caller.UserId}/{name}";

    private async Task<IJSObjectReference> ScriptAsync() =>
        script ??= await js.InvokeAsync<IJSObjectReference>("import", navigation.BaseUri + UiModule.Asset("notify.js"));
}
