using Notify.Channels.AccountImport;
using Notify.Kernel.Resources;

namespace Notify.Services;

public sealed record ServiceCreated(string Name, string Description, ServiceSettings Settings) : IResourceCreated<ServiceSettings>;

public sealed record ServiceChanged(string Name, string Description, ServiceSettings Settings) : IResourceChanged<ServiceSettings>;

/// <summary>The accounts were imported from a file exported by the platform's console.</summary>
public sealed record ServiceAccountsImported(
    string Name, string Description, ServiceSettings Settings, string File, ImportMode Mode, int Rows, int Added, int Updated, int Removed,
    int Skipped)
    : IResourceChanged<ServiceSettings>;

public sealed record ServiceEnabled : IResourceEnabled;

public sealed record ServiceDisabled : IResourceDisabled;

public sealed record ServiceDeleted : IResourceDeleted;

/// <summary>A notification service: a configured way to send notifications. Stream <c>service-…</c>.</summary>
public sealed class Service : Resource<ServiceSettings>;

public sealed partial class ServiceProjection : ResourceProjection<Service, ServiceSettings>;
