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

/// <summary>Paths from which something is reported at least so often. Stream <c>source-…</c>.</summary>
public sealed class ExpectedSource : Resource<ExpectedSourceSettings>;

public sealed partial class ExpectedSourceProjection : ResourceProjection<ExpectedSource, ExpectedSourceSettings>;

public sealed record ExpectedSourceSettings
{
    /// <summary>A week.</summary>
    private const int MostExpectEvery = 10080;

    /// <summary>A pattern: a report of any alarm whose path it matches is a sign of life.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>Minutes within which there is at least one, from 1 to 10080; when there is none, an alarm of Notify's own says so.</summary>
    public int ExpectEvery { get; init; }

    public void Validate(Errors errors)
    {
        if (PathPattern.FaultOf(Path) is { } fault) errors.Add("path", fault);
        else if (Names.Same(Path.Trim('/').Split('/')[0], SourceSilence.OwnPath)) errors.Add("path", "Notify's own alarms are nobody's reports.");
        if (ExpectEvery is < 1 or > MostExpectEvery) errors.Add("expectEvery", $"Give a whole number of minutes from 1 to {MostExpectEvery}.");
    }
}

public sealed class ExpectedSourceKind : ResourceKind<ExpectedSource, ExpectedSourceSettings>
{
    /// <summary>A request to create one, as the OpenAPI document shows it.</summary>
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
