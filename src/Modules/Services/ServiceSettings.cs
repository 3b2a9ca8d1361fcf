using Notify.Contracts.Rules;
using Notify.Services.WeCom;

namespace Notify.Services;

/// <summary>The settings of a service; those of its type are under a property with the type's name.</summary>
public sealed record ServiceSettings
{
    public required string Type { get; init; }
    public WeComSettings? WeCom { get; init; }

    public bool Reaches(Receiver receiver) => WeCom?.Reaches(receiver) == true;
}

public static class ServiceTypes
{
    public const string WeCom = "wecom";
}
