namespace Notify.Ui.Parts;

/// <summary>The page requires this permission; other people are told which one they lack.</summary>
/// <param name="name">The name in the REST contract: <c>alarms.read</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PagePermissionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The page is where people arrive: who may not see it is led to the first that they may see.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StartPageAttribute : Attribute;

/// <summary>The page is for everybody who has signed in, and concerns only the reader.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OwnPageAttribute : Attribute;

/// <summary>The page is open to everybody, even before signing in. It is rendered once and has no connection to the server.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OpenPageAttribute : Attribute;

/// <summary>The endpoint is part of the console: a page, or the connection of one.</summary>
public sealed record PageEndpoint;
