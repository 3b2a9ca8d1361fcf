namespace Notify.Ui.Parts;

/// <summary>Tells people from what a session was opened.</summary>
public static class BrowserNames
{
    /// <summary>In this order: browsers name those that they are built on, systems those that they resemble.</summary>
    private static readonly (string Sign, string Name)[] browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
         ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Sign, string Name)[] systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "macOS"), ("CrOS", "ChromeOS"),
         ("Linux", "Linux")];

    /// <summary>Returns <c>Chrome · Windows</c> for a <c>User-Agent</c>; the header itself if it names no known browser.</summary>
    public static string Of(string? userAgent)
    {
        var agent = userAgent ?? "";
        if (NameIn(browsers, agent) is not { } browser) return agent;
        // What is on record is cut, and what is built on Chrome says so first.
        if (browser == "Chrome" && agent.EndsWith('…')) browser = "Chromium";
        return NameIn(systems, agent) is { } system ? $"{browser} · {system}" : browser;
    }

    private static string? NameIn((string Sign, string Name)[] known, string agent) =>
        Array.Find(known, x => agent.Contains(x.Sign, StringComparison.Ordinal)).Name;
}
