using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Alarms.ExpectedSources;

public sealed record ExpectedSourceCreated(string Name, string Description, ExpectedSourceSettings Settings)
    : IResourceCreated<ExpectedSourceSettings>;

public sealed record ExpectedSourceChanged(string Name, string Description, ExpectedSourceSettings Settings)
    : IResourceChanged<ExpectedSourceSettings>;

public sealed record ExpectedSourceEnabled : IResourceEnabled;

public sealed record ExpectedSourceDisabled : IResourceDisabled;

public sealed record ExpectedSourceDeleted : IResourceDeleted;

/// <summary>Paths from which a report is expected at regular intervals. Stream <c>source-…</c>.</summary>
public sealed class ExpectedSource : Resource<ExpectedSourceSettings>;

public sealed partial class ExpectedSourceProjection : ResourceProjection<ExpectedSource, ExpectedSourceSettings>;

public sealed record ExpectedSourceSettings
{
    /// <summary>In minutes: a week.</summary>
    private const int MostExpectEvery = 10080;

    /// <summary>A path pattern: a report of any alarm that it matches is a sign of life.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>The number of minutes within which at least one report is expected, 1 to 10,080; if none arrives, Notify raises an alarm of its
    /// own.</summary>
    public int ExpectEvery { get; init; }

    public void Validate(Errors errors)
    {
        if (PathPattern.FaultOf(Path) is { } fault) errors.Add("path", fault);
        else if (Names.Same(Path.Trim('/').Split('/')[0], SourceSilence.OwnPath))
            errors.Add("path", "The paths of Notify's own alarms cannot be expected sources.");
        if (ExpectEvery is < 1 or > MostExpectEvery) errors.Add("expectEvery", $"Give a whole number of minutes from 1 to {MostExpectEvery}.");
    }
}

public sealed class ExpectedSourceKind : ResourceKind<ExpectedSource, ExpectedSourceSettings>
{
    /// <summary>A request that creates an expected source, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "Line 2", "description": "Reports every ten minutes while it runs", "path": "Site1/Line2/**", "expectEvery": 30 }
        """;

    public const string TableName = "expected_source";
    public const string TitleText = "expected source";

    public override string Noun => "source";
    public override string Table => TableName;
    public override string Title => TitleText;
    public override string Plural => "expected-sources";

    public override object Created(string name, string description, ExpectedSourceSettings settings) =>
        new ExpectedSourceCreated(name, description, settings);

    public override object Changed(string name, string description, ExpectedSourceSettings settings) =>
        new ExpectedSourceChanged(name, description, settings);

    public override object Enabled() => new ExpectedSourceEnabled();
    public override object Disabled() => new ExpectedSourceDisabled();
    public override object Deleted() => new ExpectedSourceDeleted();

    public override Task<ExpectedSourceSettings?> ReadAsync(
        JsonObject body, ExpectedSourceSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<ExpectedSourceSettings>(body, "", errors);
        settings?.Validate(errors);
        return Task.FromResult(settings);
    }
}
