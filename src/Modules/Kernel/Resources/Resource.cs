using JasperFx.Events;
using Marten.Events.Aggregation;
using Notify.Kernel.Events;

namespace Notify.Kernel.Resources;

/// <summary>
/// A configuration resource (service, message, schedule, rule, …): what an administrator sets up, changes, switches and deletes,
/// every change on record. Its stream's key is its id; its version is the stream's.
/// </summary>
public abstract class Resource<TSettings>
    where TSettings : class
{
    public string Id { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>What must be unique, as it is compared (<see cref="Names"/>): the name, unless the kind says otherwise. Has a unique
    /// index.</summary>
    public string NameKey { get; set; } = "";

    public string Description { get; set; } = "";
    public bool Enabled { get; set; }
    public long Version { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public Actor CreatedBy { get; set; } = Actor.System;
    public DateTimeOffset UpdatedAt { get; set; }
    public Actor UpdatedBy { get; set; } = Actor.System;
    public TSettings Settings { get; set; } = null!;

    public string Status => Enabled ? "enabled" : "disabled";
}

/// <summary>The first event of a resource's stream.</summary>
public interface IResourceCreated<out TSettings>
{
    string Name { get; }
    string Description { get; }
    TSettings Settings { get; }
}

/// <summary>All settings as they are after the change; what changed is the difference to the version before.</summary>
public interface IResourceChanged<out TSettings>
{
    string Name { get; }
    string Description { get; }
    TSettings Settings { get; }
}

public interface IResourceEnabled;

public interface IResourceDisabled;

public interface IResourceDeleted;

/// <summary>How a resource follows from its events; used for the current state and for any moment of the past.</summary>
public abstract class ResourceProjection<TResource, TSettings> : SingleStreamProjection<TResource, string>
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public override TResource? Evolve(TResource? snapshot, string id, IEvent e)
    {
        if (e.Data is IResourceDeleted) return null;
        var actor = e.Actor();
        // The store keeps microseconds; a current state must say the same as one that is read from the store again.
        var at = Instants.Cut(e.Timestamp).ToUniversalTime();
        if (e.Data is IResourceCreated<TSettings> created)
        {
            snapshot = new TResource { Id = id, Enabled = true, CreatedAt = at, CreatedBy = actor };
            Set(snapshot, created.Name, created.Description, created.Settings);
        }

        if (snapshot is null) return null;
        if (e.Data is IResourceChanged<TSettings> changed) Set(snapshot, changed.Name, changed.Description, changed.Settings);
        if (e.Data is IResourceEnabled) snapshot.Enabled = true;
        if (e.Data is IResourceDisabled) snapshot.Enabled = false;
        snapshot.Version = e.Version;
        snapshot.UpdatedAt = at;
        snapshot.UpdatedBy = actor;
        return snapshot;
    }

    /// <summary>What a resource would be after an event that nobody has recorded.</summary>
    /// <param name="current">The caller's own: it becomes the result. Null: there is none.</param>
    /// <returns>Null: it would be gone.</returns>
    public TResource? After(TResource? current, string id, object data)
    {
        var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
        e.Version = (current?.Version ?? 0) + 1;
        return Evolve(current, id, e);
    }

    /// <summary>What no two may have in common: the name, where the kind does not say otherwise.</summary>
    protected internal virtual string UniqueOf(string name, TSettings settings) => name;

    /// <inheritdoc cref="Resource{TSettings}.NameKey"/>
    internal string KeyOf(string name, TSettings settings) => Names.KeyOf(UniqueOf(name, settings));

    private void Set(TResource resource, string name, string description, TSettings settings)
    {
        resource.Name = name;
        resource.NameKey = KeyOf(name, settings);
        resource.Description = description;
        resource.Settings = settings;
    }
}
