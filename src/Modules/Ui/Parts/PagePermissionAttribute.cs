namespace Notify.Ui.Parts;

/// <summary>The page is for whoever has this permission; others are told which one they lack.</summary>
/// <param name="name">As the REST contract names it: <c>alarms.read</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PagePermissionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The page is for everybody who has signed in, and concerns nobody but them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OwnPageAttribute : Attribute;

/// <summary>The page is for everybody, also before they have signed in. It is rendered once and has no connection to the server.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OpenPageAttribute : Attribute;

/// <summary>The endpoint is part of the console: a page, or the connection of one.</summary>
public sealed record PageEndpoint;
