// Dragged, a map of many points is moved as a picture, and drawn anew when it is let go: where no graphics card computes
// WebGL, each drawing takes a good part of a second.
(() => {
  const many = () => window.spoofscope.movedFrom ?? 5000, still = () => {};
  const count = (plot) => plot._fullData.reduce((sum, {type, _length}) => sum + (type === 'scattergl' ? _length ?? 0 : 0), 0);
  // What the canvases show, on one that can be moved, behind the frame of the axes.
  const pictured = (plot, {l, t, w, h}) => {
    const frame = document.createElement('div'), picture = document.createElement('canvas');
    const layers = [...plot.querySelectorAll('.gl-canvas-context, .gl-canvas-focus')];
    [picture.width, picture.height] = [layers[0].width, layers[0].height];
    layers.forEach((layer) => picture.getContext('2d').drawImage(layer, 0, 0));
    frame.className = 'ss-panned';
    frame.style.cssText = `position:absolute;overflow:hidden;pointer-events:none;left:${l}px;top:${t}px;width:${w}px;height:${h}px`;
    picture.style.cssText = `position:absolute;left:${-l}px;top:${-t}px;width:${layers[0].clientWidth}px;height:${layers[0].clientHeight}px`;
    frame.append(picture);
    plot.querySelector('.gl-container').append(frame);
    return [frame, picture, layers];
  };
  document.addEventListener('mousedown', (down) => {
    const area = down.button === 0 && down.target.closest?.('.nsewdrag'), plot = area && area.closest('.js-plotly-plot');
    const scene = plot && plot._fullLayout?._plots?.xy?._scene;
    if (!scene || plot._fullLayout.dragmode !== 'pan' || count(plot) < many()) return;
    const [frame, picture, layers] = pictured(plot, plot._fullLayout._size), {update, draw} = scene;
    Object.assign(scene, {update: still, draw: still});
    layers.forEach((layer) => { layer.style.visibility = 'hidden'; });
    const move = ({clientX, clientY}) => {
      picture.style.transform = `translate(${clientX - down.clientX}px, ${clientY - down.clientY}px)`;
    };
    const drop = () => {
      Object.assign(scene, {update, draw});
      layers.forEach((layer) => { layer.style.visibility = ''; });
      frame.remove();
      document.removeEventListener('mousemove', move, true);
      document.removeEventListener('mouseup', drop, true);
    };
    document.addEventListener('mousemove', move, true);
    document.addEventListener('mouseup', drop, true);
  }, true);
})();
