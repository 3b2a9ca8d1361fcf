using JasperFx.Events;
using Marten.Events.Aggregation;
using Notify.Kernel.Events;

namespace Notify.Kernel.Resources;

/// <summary>
/// A configuration resource (service, message, schedule, rule, …): administrators create, change, enable, disable and delete it, and every change is
/// recorded. Its id is its stream's key; its version is the stream's.
/// </summary>
public abstract class Resource<TSettings>
    where TSettings : class
{
    public string Id { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>The normalised form (<see cref="Names"/>) of what must be unique: the name, unless the kind defines otherwise. Has a unique
    /// index.</summary>
    public string NameKey { get; set; } = "";

    public string Description { get; set; } = "";
    public bool Enabled { get; set; }
    public long Version { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public Actor CreatedBy { get; set; } = Actor.System;
    public DateTimeOffset UpdatedAt { get; set; }
    public Actor UpdatedBy { get; set; } = Actor.System;
    public virtual TSettings Settings { get; set; } = null!;

    public string Status => Enabled ? "enabled" : "disabled";
}

/// <summary>The first event of a resource's stream.</summary>
public interface IResourceCreated<out TSettings>
{
    string Name { get; }
    string Description { get; }
    TSettings Settings { get; }
}

/// <summary>Contains all settings after the change; the difference to the previous version is what changed.</summary>
public interface IResourceChanged<out TSettings>
{
    string Name { get; }
    string Description { get; }
    TSettings Settings { get; }
}

public interface IResourceEnabled;

public interface IResourceDisabled;

public interface IResourceDeleted;

/// <summary>Derives a resource from its events, for the current state and for any time in the past.</summary>
public abstract class ResourceProjection<TResource, TSettings> : SingleStreamProjection<TResource, string>
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public override TResource? Evolve(TResource? snapshot, string id, IEvent e)
    {
        if (e.Data is IResourceDeleted) return null;
        var actor = e.Actor();
        // The store keeps microseconds; a state built from new events must equal one read from the store.
        var at = Instants.Cut(e.Timestamp).ToUniversalTime();
        if (e.Data is IResourceCreated<TSettings> created)
        {
            snapshot = new TResource { Id = id, Enabled = true, CreatedAt = at, CreatedBy = actor };
            Set(snapshot, created.Name, created.Description, Complete(created.Settings, e.Version));
        }

        if (snapshot is null) return null;
        if (e.Data is IResourceChanged<TSettings> changed)
            Set(snapshot, changed.Name, changed.Description, Complete(changed.Settings, e.Version));
        if (e.Data is IResourceEnabled) snapshot.Enabled = true;
        if (e.Data is IResourceDisabled) snapshot.Enabled = false;
        snapshot.Version = e.Version;
        snapshot.UpdatedAt = at;
        snapshot.UpdatedBy = actor;
        return snapshot;
    }

    /// <summary>A resource as it would be after an event that is not recorded.</summary>
    /// <param name="current">Is modified and returned. Null: it does not exist.</param>
    /// <returns>Null: it would be deleted.</returns>
    public TResource? After(TResource? current, string id, object data)
    {
        var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
        e.Version = (current?.Version ?? 0) + 1;
        return Evolve(current, id, e);
    }

    /// <summary>What must be unique: the name, unless the kind overrides this.</summary>
    protected internal virtual string UniqueOf(string name, TSettings settings) => name;

    /// <inheritdoc cref="Resource{TSettings}.NameKey"/>
    internal string KeyOf(string name, TSettings settings) => Names.KeyOf(UniqueOf(name, settings));

    /// <summary>Adds to the settings on record what the version of their event determines.</summary>
    protected virtual TSettings Complete(TSettings settings, long version) => settings;

    private void Set(TResource resource, string name, string description, TSettings settings)
    {
        resource.Name = name;
        resource.NameKey = KeyOf(name, settings);
        resource.Description = description;
        resource.Settings = settings;
    }
}
